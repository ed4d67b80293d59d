select plan_id, (select s.name from site s where s.site_id = p.site_id) as site_name, exists (select 1 from reading r where r.site_id = p.site_id) as has_reading from plan p
