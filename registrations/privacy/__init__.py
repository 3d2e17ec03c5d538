"""What is deleted and when, and what data protection law asks for besides."""
