select l.twice, l.own from plan p, (select p.plan_id as own, s.site_id as twice from site s) l
