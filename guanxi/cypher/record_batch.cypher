MATCH (l:GuanxiLoad {number: $number})
SET l.batches_done = $batches_done, l.counts = $counts, l.active = $active,
  l.done = $done, l.finished = $finished
