pivot reading on site_id using avg(value)
