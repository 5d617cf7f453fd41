"""The public referral form.

Nothing is stored before there is consent. What has been typed travels in the page itself, signed, from POST to POST at
one address (signed_state.py). There is no session and no cookie, so the form works the same inside another site's
iframe. Every step that a page builds on is validated again (wizard.py), because the network's questions may have
changed in the meantime.
"""
