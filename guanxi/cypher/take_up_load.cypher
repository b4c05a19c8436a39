MATCH (l:GuanxiLoad {number: $number}) SET l.pid = $pid, l.host = $host, l.active = $active
