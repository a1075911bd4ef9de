{{ config(meta={'dagster': {'ref': {'name': 'mart_content_topics'}}}) }}

-- Shares of formats add up to 1 on each platform, shares of topics to 1 in each workspace that has any.
select workspace_id, platform as part, sum(share) as total
from {{ ref('mart_formats') }}
group by workspace_id, platform
having abs(sum(share) - 1) > 0.000001
union all
select workspace_id, 'topics' as part, sum(share) as total
from {{ ref('mart_content_topics') }}
where share is not null
group by workspace_id
having abs(sum(share) - 1) > 0.000001
