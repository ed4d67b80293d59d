select v.n, v.t from (values (1, 'a'), (2, 'b')) v(n, t)
