select t.* from table(f(:a)) t
