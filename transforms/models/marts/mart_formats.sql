with formats as (
    select
        workspace_id,
        platform,
        coalesce(content_type, 'unknown') as content_type,
        count(*) as posts,
        count(percentile_28d) as posts_measured,
        {{ shrunk_percentile('percentile_28d') }} as shrunk_percentile_28d
    from {{ ref('int_post_summary') }}
    where owner = 'own'
    group by workspace_id, platform, coalesce(content_type, 'unknown')
)

select
    workspace_id,
    platform,
    content_type,
    posts,
    round(posts / sum(posts) over (partition by workspace_id, platform), 9) as share,
    posts_measured,
    shrunk_percentile_28d
from formats
