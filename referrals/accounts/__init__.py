"""How people sign in, and how they and their organisations join a network. Each function is one transaction."""

from referrals.accounts import invitations, page_passwords, passwords, wrong_passwords
from referrals.accounts.invitations import (
    agree_to_invitation,
    force_invitation,
    invite_colleague,
    invite_organisation,
    invite_to_role,
    may_inviter_invite,
    refuse_invitation,
    send_again,
    withdraw_invitation,
)
from referrals.accounts.joining import NewOrganisation, NewUser, create_organisation, join, unused_slug
from referrals.accounts.mail_choices import (
    can_choose_for_all,
    choose_mail,
    find_digest_of,
    stop_digest,
    use_address_again,
)
from referrals.accounts.members import change_role, remove_member, remove_role
from referrals.accounts.owner_consent import ask_if_unasked, awaits_owner, find_owners, unasked_invitations
from referrals.accounts.page_passwords import count_page_password
from referrals.accounts.passwords import (
    answer_reset_request,
    ask_for_password_reset,
    change_password,
    find_account,
    prune_reset_requests,
    record_password_change,
    sign_out_everywhere,
    waiting_reset_requests,
    warn_account_owner,
    warn_of_guessing,
)
from referrals.accounts.saved_filters import MOST_SAVED, remove_filter, save_filter
from referrals.accounts.saving import record_privileges, save_network, save_organisation, save_user
from referrals.accounts.second_factor import (
    SecondFactor,
    TooManyTries,
    check_code,
    codes_left,
    make_recovery_codes,
    second_factor_of,
    turn_second_factor_off,
    turn_second_factor_on,
    use_recovery_code,
)
from referrals.accounts.wrong_passwords import (
    count_wrong_password,
    forgive_all,
    forgive_own,
    refused_names,
    refused_until,
)

LIMITS = (
    *wrong_passwords.LIMITS,
    *page_passwords.LIMITS,
    *invitations.LIMITS,
    passwords.RESETS_BY_ONE_ADDRESS,
)

__all__ = [
    "LIMITS",
    "MOST_SAVED",
    "NewOrganisation",
    "NewUser",
    "SecondFactor",
    "TooManyTries",
    "agree_to_invitation",
    "answer_reset_request",
    "ask_for_password_reset",
    "ask_if_unasked",
    "awaits_owner",
    "can_choose_for_all",
    "change_password",
    "change_role",
    "check_code",
    "choose_mail",
    "codes_left",
    "count_page_password",
    "count_wrong_password",
    "create_organisation",
    "find_account",
    "find_digest_of",
    "find_owners",
    "force_invitation",
    "forgive_all",
    "forgive_own",
    "invite_colleague",
    "invite_organisation",
    "invite_to_role",
    "join",
    "make_recovery_codes",
    "may_inviter_invite",
    "prune_reset_requests",
    "record_password_change",
    "record_privileges",
    "refuse_invitation",
    "refused_names",
    "refused_until",
    "remove_filter",
    "remove_member",
    "remove_role",
    "save_filter",
    "save_network",
    "save_organisation",
    "save_user",
    "second_factor_of",
    "send_again",
    "sign_out_everywhere",
    "stop_digest",
    "turn_second_factor_off",
    "turn_second_factor_on",
    "unasked_invitations",
    "unused_slug",
    "use_address_again",
    "use_recovery_code",
    "waiting_reset_requests",
    "warn_account_owner",
    "warn_of_guessing",
    "withdraw_invitation",
]
