"""What every page needs: routes, forms, cookies, rendering, error pages, our own files, and the server below them."""
