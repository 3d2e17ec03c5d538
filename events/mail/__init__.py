"""Email on its way out: the outbox, the mailer, the relay, how an email is written, and a rehearsal's mailbox."""
