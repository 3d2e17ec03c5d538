"""The databases' engines as Tortoise opens them: the stock ones, with what they lack."""
