"""Paper beside the phones: sheets that organisers print for the doors, where these are, and typing them up."""
