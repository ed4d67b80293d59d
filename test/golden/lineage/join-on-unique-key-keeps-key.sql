select p.plan_id, s.name from plan p left join site s on s.code = upper(p.name)
