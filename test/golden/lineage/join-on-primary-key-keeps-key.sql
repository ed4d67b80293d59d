select p.plan_id, p.name, s.name site from plan p join site s on s.site_id = p.site_id where p.created > :since
