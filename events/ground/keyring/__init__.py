"""Keys as files hold them, read and changed while servers run; and what the database keeps that is made with them."""
