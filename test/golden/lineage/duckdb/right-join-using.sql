select * from reading right join site using (site_id)
