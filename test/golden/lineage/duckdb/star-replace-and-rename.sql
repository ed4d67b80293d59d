select p.* replace (upper(name) as name) , s.* rename (code as site_code) from plan p join site s using (site_id)
