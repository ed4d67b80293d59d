select value * 2 as doubled, doubled + 1 as more, site_id as place, place as same_place from reading
