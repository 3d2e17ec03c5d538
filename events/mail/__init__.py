"""Email on its way out: the outbox, the mailer, how an email is written, and the mailbox of a rehearsal."""
