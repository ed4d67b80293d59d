select site_id, name from plan union select site_id, code from site
