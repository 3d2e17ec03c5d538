"""Every page about people: those that guests open, and those of the desk. The door's own are mounted before them."""

from registrations.asking import colleague_pages, confirm_pages, invited_pages, lost_link_pages, register_pages
from registrations.booking import all_pages as booking_pages
from registrations.certificates import certificate_pages
from registrations.desk import (
    board_pages,
    conflict_pages,
    desk_pages,
    device_pages,
    email_pages,
    event_desk_pages,
    organisations_pages,
    people_pages,
    person_pages,
    printed_pages,
    requests_pages,
    waiting_pages,
)
from registrations.desk.after import after_pages, calendar_pages, report_pages
from registrations.desk.arranging import arranging_pages, noting_pages, photographs_pages
from registrations.desk.arriving import arriving_pages
from registrations.desk.badges import badge_desk_pages, badge_pages
from registrations.desk.bulk import bulk_pages
from registrations.desk.cards import card_pages
from registrations.desk.certificates import certificates_desk_pages, one_certificate_pages
from registrations.desk.closing import closing_pages
from registrations.desk.content import event_copy_pages, logo_desk_pages
from registrations.desk.data_protection import (
    complaint_desk_pages,
    data_protection_pages,
    deletion_pages,
    erasure_pages,
    incident_pages,
    processor_pages,
    rights_pages,
    several_complaints_pages,
    whose_pages,
)
from registrations.desk.exports import export_pages
from registrations.desk.feedback import feedback_desk_pages
from registrations.desk.importing import import_pages, kinds_pages, outcome_pages
from registrations.desk.inviting import invitation_pages
from registrations.desk.listing import saved_pages
from registrations.desk.mailings import announcement_pages, mailing_pages
from registrations.desk.mending import (
    adding_pages,
    address_pages,
    alias_pages,
    along_pages,
    badge_type_pages,
    correcting_pages,
    more_pages,
    restoring_pages,
)
from registrations.desk.on_the_day import phones_needed_pages, team_pages, wall_pages
from registrations.desk.overview import overview_pages
from registrations.desk.paper import access_sheet_pages, sheet_pages, typing_pages, walk_in_line_pages
from registrations.desk.programme import programme_pages, workshop_pages
from registrations.desk.roll_call import key_card_pages, roll_call_pages
from registrations.desk.rooms import door_name_pages, room_pages
from registrations.desk.walk_ins import walk_in_pages
from registrations.feedback import feedback_pages
from registrations.privacy.cases import complaint_pages
from registrations.privacy.rights import ask_pages, copy_pages

OF_GUESTS = (
    register_pages,
    invited_pages,
    lost_link_pages,
    confirm_pages,
    colleague_pages,
    booking_pages,
    certificate_pages,
    feedback_pages,
    ask_pages,
    copy_pages,
    complaint_pages,
)
OF_THE_DESK = (
    desk_pages,
    overview_pages,
    saved_pages,
    bulk_pages,
    requests_pages,
    waiting_pages,
    walk_in_pages,
    people_pages,
    team_pages,
    adding_pages,
    import_pages,
    kinds_pages,
    outcome_pages,
    address_pages,
    correcting_pages,
    restoring_pages,
    more_pages,
    alias_pages,
    badge_type_pages,
    along_pages,
    person_pages,
    badge_pages,
    badge_desk_pages,
    invitation_pages,
    export_pages,
    event_copy_pages,
    logo_desk_pages,
    event_desk_pages,
    programme_pages,
    workshop_pages,
    email_pages,
    arriving_pages,
    card_pages,
    closing_pages,
    certificates_desk_pages,
    one_certificate_pages,
    after_pages,
    report_pages,
    calendar_pages,
    feedback_desk_pages,
    roll_call_pages,
    key_card_pages,
    arranging_pages,
    noting_pages,
    photographs_pages,
    mailing_pages,
    announcement_pages,
    organisations_pages,
    board_pages,
    wall_pages,
    conflict_pages,
    device_pages,
    door_name_pages,
    room_pages,
    phones_needed_pages,
    printed_pages,
    sheet_pages,
    access_sheet_pages,
    typing_pages,
    walk_in_line_pages,
    data_protection_pages,
    complaint_desk_pages,
    several_complaints_pages,
    deletion_pages,
    incident_pages,
    processor_pages,
    rights_pages,
    whose_pages,
    erasure_pages,
)
