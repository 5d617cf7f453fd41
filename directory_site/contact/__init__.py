"""The forms of the public site: corrections, questions to a network, and sending a service's card to oneself."""
