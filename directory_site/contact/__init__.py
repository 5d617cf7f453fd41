"""What visitors send from the public site: corrections, questions, and a service's card to themselves."""
