"""`fleetc report`: the facts as data, and a page of them."""
