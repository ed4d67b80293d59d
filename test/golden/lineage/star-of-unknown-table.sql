select u.*, p.name from unknown u, plan p
