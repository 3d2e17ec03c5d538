"""What comes back: the return path of each email, reports of mail systems, and what follows from them."""
