"""What is deleted and when, and what data protection law asks for besides: complaints, and a log of incidents."""
