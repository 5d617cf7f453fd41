"""The public referral form.

Nothing is stored without consent. What has been typed travels in the page itself, signed, from POST to POST at one
address (signed_state.py). There is no session and no cookie, so the form works the same in another site's iframe. Every
earlier step is validated again on each request (wizard.py), because the network's questions may have changed.
"""
