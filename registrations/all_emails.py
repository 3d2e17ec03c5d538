"""Every email that there is, by its template: who writes it, and in which row the address stands that it goes to."""

from events.accounts import staff_emails
from events.mail.bounces.addressees import Finder
from events.mail.emails import Writer
from registrations.booking import address_emails, booking_emails, needs_emails
from registrations.booking.colleagues import colleague_emails
from registrations.booking.handing import hand_over_emails
from registrations.bulk import reminding
from registrations.deciding import asking_for_more, offer_emails
from registrations.desk.arriving import own_test_email
from registrations.privacy import overdue_emails
from registrations.privacy.cases import complaint_emails, incident_emails
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.incident import Incident
from registrations.privacy.retention import key_copy_emails
from registrations.privacy.rights import rights_emails
from registrations.privacy.rights.rights_request import RightsRequest
from registrations.telling import announcement_tests, mailing_emails
from registrations.tickets import request_emails
from registrations.workshops import workshop_emails


def writers() -> dict[str, Writer]:
    to_people = (
        request_emails.WRITERS
        | booking_emails.WRITERS
        | needs_emails.WRITERS
        | workshop_emails.WRITERS
        | address_emails.WRITERS
        | colleague_emails.WRITERS
        | hand_over_emails.WRITERS
        | offer_emails.WRITERS
        | asking_for_more.WRITERS
        | reminding.WRITERS
        | complaint_emails.WRITERS
        | incident_emails.WRITERS
        | rights_emails.WRITERS
    )
    return (
        staff_emails.WRITERS
        | key_copy_emails.WRITERS
        | overdue_emails.WRITERS
        | own_test_email.WRITERS
        | to_people
        | mailing_emails.WRITERS
        | announcement_tests.WRITERS
    )


def finders() -> dict[str, Finder]:
    """Not of what goes to a colleague whom a guest named: nobody is told of an address that does not exist. Nor of what
    goes to whoever complains or uses their rights: an acknowledgement is the only email of its kind, a
    copy is sent by an organiser, who sees that the one before failed, and after the last one there is no address."""
    to_staff = [
        *staff_emails.WRITERS,
        Complaint.ALERT,
        Complaint.DIGEST,
        Incident.ALERT,
        RightsRequest.ALERT,
        *key_copy_emails.WRITERS,
        *overdue_emails.WRITERS,
        *own_test_email.WRITERS,
    ]
    found: dict[str, Finder] = dict.fromkeys(to_staff, staff_emails.addressee)
    found |= dict.fromkeys(announcement_tests.WRITERS, announcement_tests.addressee)
    to_themselves = request_emails.TEMPLATES - request_emails.TO_OTHERS
    return found | dict.fromkeys(to_themselves, request_emails.addressee)
