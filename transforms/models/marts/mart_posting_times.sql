select
    workspace_id,
    platform,
    local_weekday,
    local_hour,
    count(*) as posts,
    count(percentile_28d) as posts_measured,
    {{ shrunk_percentile('percentile_28d') }} as shrunk_percentile_28d
from {{ ref('int_post_summary') }}
where owner = 'own' and published_local is not null
group by workspace_id, platform, local_weekday, local_hour
