"""What an empty list says: what would be listed, and what to do.

Services and messages from the public say it in their own templates, and the list of users is never empty.
"""

from django.db.models import Model
from django_q.models import Failure, Schedule

from referrals import models as m
from referrals.models.notifications import Heartbeat

_WORDS: dict[type[Model], str] = {
    # What organisations keep
    m.Venue: "A venue is a place where services are held. Its postcode puts it on the map.",
    m.Activity: "An activity is your own name for what you run, such as Food bank. Several services can share it.",
    m.Picture: "Pictures are shown with services on the public site. Upload one, then choose it on the service's page.",
    m.OpeningHours: "Opening hours are entered on the service's own page, under Opening days.",
    m.OpeningException: "Days when a service is closed, or open at other times, are entered on the service's own page.",
    m.Restriction: "Who a service is for is entered on its own page. If nothing is entered, it is for everyone.",
    # Organisations and their people
    m.Organisation: "Organisations answer referrals and list their services. Invite the first one by e-mail.",
    m.Invitation: "Nobody has been invited yet. People are invited on the team page, organisations from their list.",
    m.NetworkMembership: "No organisation has joined yet. It joins when somebody accepts its invitation.",
    m.OrganisationMember: "Nobody works for an organisation here yet. People join when they accept an invitation.",
    m.NetworkRole: "Nobody has a role in a network yet. Roles are given by invitation, on the network's team page.",
    # People supported
    m.Person: "People are listed here once your organisation has accepted a referral for them.",
    # Messages
    m.Notification: "E-mails sent, or waiting to be sent, are listed here. There are none yet.",
    # Settings
    m.Network: "A network is organisations that share referrals in one area. There is none yet.",
    m.Category: "Categories say what support is about, such as Food. Services are listed under them.",
    m.Demographic: "What you ask about people, such as age or language, so that services can say who they are for.",
    m.DemographicOption: "The answers to choose from are entered on the page of what you ask about people.",
    m.ConsentWording: "The wording people agree to. Without one, nobody can send a referral: write the first.",
    m.ReferralLink: "A partner's own link to your form. Its referrals are counted, and you can revoke it.",
    m.Area: "No boundary has been imported yet. Whoever runs this installation imports it.",
    m.AccessRecord: "Each time somebody opens a person's full details, it is listed here. Nobody has yet.",
    m.AccountEvent: "Joining, leaving and changes of role are listed here. There are none yet.",
    # Referrals, as rows
    m.Referral: "No referral has been sent yet.",
    m.Strand: "No referral has been sent yet.",
    m.Assignment: "No organisation has been asked yet.",
    m.Need: "No referral has been sent yet.",
    m.Consent: "No referral has been sent yet.",
    m.Answer: "No question of the form has been answered yet.",
    m.Note: "Notes on referrals are written on the Referrals screen. There are none yet.",
    m.Event: "Nothing has happened yet.",
    # How the system is doing
    m.PasswordResetRequest: "Nobody has asked for a new password lately.",
    m.RateLimitCounter: "Nothing has been counted against a limit lately.",
    m.CardRequest: "No visitor has had a service's details sent to them lately.",
    m.UploadedTable: "No table is waiting. Tables are uploaded with Import, and kept for a day.",
    m.Postcode: "No postcodes are loaded yet: run import_postcodes.",
    m.PostcodeDistrict: "There are none before postcodes are loaded: run import_postcodes.",
    Heartbeat: "No worker has reported yet: start one, or e-mails stay unsent.",
    Schedule: "Nothing is scheduled yet: schedules are made when a worker starts.",
    Failure: "No task has failed.",
}


def empty_message(model: type[Model]) -> str:
    return _WORDS[model]
