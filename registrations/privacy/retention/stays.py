"""What of each table stays, since it names nobody or is not only of the past."""

STAYS = {
    "event": "the event: title, day, hours, places, the hosts' and organisers' public contacts",
    "programme": "who sees the programme of an event",
    "slot": "at which times there are workshops",
    "programme_item": "the programme by its times: what it says opens with the data key of the event alone",
    "allocation": "until when guests chose workshops of a slot, and the seed by which places were given out",
    "door": "doors by their numbers and hours: their names go with the data key",
    "processor": "who works for the hosts with what people tell us, as the privacy notice names them",
    "known_organisation": "domains of organisations that the event knows",
    "staff": "accounts of who runs the event: as long as the account, which a lead disables",
    "role": "what an account may do: as long as the role",
    "recovery_code": "hashes of recovery codes: as long as the account, or until new ones are made",
    "passkey": "passkeys of accounts, sealed: until they are removed, and as long as the account",
    "first_approval": "which organisers approved a request as one of two, and when: by numbers, and without names",
    "attendance": "how many people came, by door and by kind of organisation",
    "deletion": "how many rows of each class went, and when",
    "key_copy": "what each lead said of copies of a destroyed data key",
    "audit_boundary": "where the audit log begins",
    "key_use": "which key seals an event's people, and since when",
    "audit_reach": "the newest seal of the audit log",
}
