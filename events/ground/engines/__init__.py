"""The databases' engines as Tortoise opens them: the stock ones, with what they lack, and what both are asked."""
