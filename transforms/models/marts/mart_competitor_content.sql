select
    workspace_id,
    account_name as competitor,
    platform,
    account_id,
    post_id,
    content_type,
    title,
    body,
    url,
    published_at,
    published_date,
    topic,
    reactions,
    comments,
    shares,
    views,
    engagements_public,
    observed_at
from {{ ref('int_post_summary') }}
where owner = 'competitor'
