"""The roll call after an evacuation: who is inside, sealed for marshals' phones, and what marshals ticked."""
