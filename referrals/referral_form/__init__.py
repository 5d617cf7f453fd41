"""The public referral form.

It keeps nothing until there is consent. What was typed travels in the page itself, signed, from POST to POST at one
address (state.py); there is no session and no cookie, so it works the same inside another site's iframe. Whatever
comes back is validated again on every step it is needed for (wizard.py), because a network's questions may have
changed since.
"""
