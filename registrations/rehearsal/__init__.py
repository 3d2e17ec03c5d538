"""The rehearsal: an event with invented people, its mailbox, and a clock that can be moved."""
