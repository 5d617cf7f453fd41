"""How people and organisations join and leave: invitations, roles, memberships."""
