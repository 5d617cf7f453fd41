"""How people and organisations come in and go: invitations, people and their roles, an organisation's place."""
