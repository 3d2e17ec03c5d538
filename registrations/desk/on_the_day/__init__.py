"""What the desk knows while the doors are open: who has arrived, how many in which minutes, and what doors ask for."""
