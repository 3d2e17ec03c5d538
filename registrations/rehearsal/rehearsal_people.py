"""The rehearsal's people: two hundred, all invented, in the mix of organisations that such a conference has."""

import unicodedata
from dataclasses import dataclass

from registrations.people.registration import OrganisationKind

GIVEN = """
    Aaliyah Adam Agnes Ahmed Aisha Alan Alice Amara Amir Angela Anil Anya Asha Ben Beth Blessing Bridget Callum
    Carys Chen Chidi Clare Colin Dafydd Daisy Deepa Delroy Donna Eilidh Elif Emeka Erin Esther Ewan Farah Fiona
    Gareth Gloria Grace Hamza Hannah Harriet Hugo Ibrahim Imogen Iona Isaac Jamal Jasmine Jing Joan Joseph Joyce
    Kavita Keith Kezia Leila Liam Lorna Luca Maeve Malik Marta Maya Mei Miriam Mohan Nadia Naomi Nia Noor Olu Omar
    Padraig Pearl Petra Priya Rachel Ravi Rhys Rosa Ruth Sanjay Sasha Seren Shanice Siobhan Sunita Tariq Tess Tom
    Uma Vera Wanjiru Yasmin Zoë
"""
SURNAMES = """
    Abbott Adeyemi Akhtar Barlow Begum Bianchi Blackwood Brennan Byrne Campbell Chaudhry Clarke Cole Cooper Costa
    Davies Dhillon Dixon Doyle Eze Farrell Fenwick Fisher Gill Goddard Gordon Greene Hale Hassan Hughes Hussain
    Ingram Iqbal Jenkins Kaur Kelly Khan Kowalska Lam Lawson Lloyd Lowe MacLeod Mahmood Marsh Mensah Mistry Morgan
    Murphy Ncube Nguyễn Novak Nwosu O'Brien O'Connor Okafor Osei Owen Parekh Patel Pereira Price Quinn Rahman Reid
    Roberts Rossi Sandhu Shah Sharma Singh Smart Tanaka Taylor Thapa Turner Ünal Varga Wallis Walsh Ward Webb Wójcik
    Wong Yildiz Young
"""


@dataclass(frozen=True)
class Body:
    """An invented organisation."""

    name: str
    domain: str
    kind: OrganisationKind
    places: int
    roles: tuple[str, ...]


ADVOCACY = ("Advocate", "Independent advocate", "Service manager", "Helpline worker")
POLICE = ("Detective constable", "Sergeant", "Safeguarding officer", "Analyst", "Detective inspector")
COUNCIL = ("Community safety officer", "Housing options officer", "Head of service", "Councillor support officer")
HEALTH = ("Safeguarding lead", "Practice nurse", "Health visitor", "Midwife")
CARE = ("Social worker", "Safeguarding lead", "Team manager")
BODIES = (
    Body("Lantern Advocacy", "lantern.example.org", OrganisationKind.CHARITY, 22, ADVOCACY),
    Body("Harbour House Trust", "harbourhouse.example.org", OrganisationKind.CHARITY, 20, ADVOCACY),
    Body("Beech Tree Support", "beechtree.example.net", OrganisationKind.CHARITY, 18, ADVOCACY),
    Body("Westmoor Constabulary", "constabulary.example.org", OrganisationKind.POLICE, 34, POLICE),
    Body("Eastvale Police", "eastvale-police.example.net", OrganisationKind.POLICE, 16, POLICE),
    Body("Westmoor Borough Council", "westmoor-council.example.org", OrganisationKind.COUNCIL, 18, COUNCIL),
    Body("Nether Valley District Council", "nethervalley.example.net", OrganisationKind.COUNCIL, 10, COUNCIL),
    Body("Westmoor Community Health", "health.example.org", OrganisationKind.HEALTH, 11, HEALTH),
    Body("Westmoor Adult Care", "adultcare.example.org", OrganisationKind.SOCIAL_CARE, 6, CARE),
    Body("Vale Probation", "probation.example.org", OrganisationKind.PROBATION, 15, ("Probation officer", "Manager")),
    Body("Fold Homes", "foldhomes.example.org", OrganisationKind.HOUSING, 10, ("Housing officer", "Tenancy manager")),
    Body(
        "University of Westmoor",
        "university.example.org",
        OrganisationKind.EDUCATION,
        12,
        ("Lecturer", "Student adviser"),
    ),
    Body("Northgate Law Centre", "lawcentre.example.org", OrganisationKind.OTHER, 8, ("Solicitor", "Caseworker")),
)


@dataclass(frozen=True)
class Invented:
    full_name: str
    badge_name: str
    email: str
    organisation: str
    kind: OrganisationKind
    role: str
    phone: str


def people() -> list[Invented]:
    """The same two hundred each time, the bodies mixed. Telephone numbers are those kept for drama."""
    seats = [(place * 1000 // body.places, body) for body in BODIES for place in range(body.places)]
    return [_person(number, body) for number, (_, body) in enumerate(sorted(seats, key=lambda seat: seat[0]))]


def _person(number: int, body: Body) -> Invented:
    given_names, surnames = GIVEN.split(), SURNAMES.split()
    given = given_names[(number * 37) % len(given_names)]
    surname = surnames[(number * 29 + number // len(surnames)) % len(surnames)]
    local = unicodedata.normalize("NFKD", f"{given}.{surname}".lower()).replace("'", "")
    return Invented(
        full_name=f"{given} {surname}",
        badge_name=given if number % 7 == 0 else "",
        email=f"{local.encode('ascii', 'ignore').decode()}@{body.domain}",
        organisation=body.name,
        kind=body.kind,
        role=body.roles[number % len(body.roles)],
        phone=f"07700 900{number:03d}" if number % 3 == 0 else "",
    )
