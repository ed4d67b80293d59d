select s.site_id, p.name from plan p right join site s on s.site_id = p.site_id where p.plan_id = 1
