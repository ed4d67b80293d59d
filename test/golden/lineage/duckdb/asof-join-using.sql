select * from reading asof join other_reading using (site_id, at)
