"""The forms of the public site: corrections, questions to a network, and a service's card to oneself."""
