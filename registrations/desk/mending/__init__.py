"""What organisers mend for people at the desk: what they cannot do, or have not managed, themselves."""
