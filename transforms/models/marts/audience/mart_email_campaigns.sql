with campaigns as (
    select
        workspace_id, platform, account_id, account_name, post_id, title, url, topic, published_at, published_date
    from {{ ref('int_posts') }}
    where platform = 'email' and owner = 'own'
),

counts as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {{- pivot_one('measure', 'value', [
            'emails_sent', 'bounces', 'delivered', 'emails_delivered', 'opens', 'machine_opens',
            'confirmed_opens', 'clicks', 'unique_clicks', 'unsubscribes', 'spam_complaints', 'forwards',
        ]) }}
    from {{ ref('int_post_measures') }}
    where platform = 'email' and owner = 'own'
    group by workspace_id, platform, account_id, post_id
),

rates as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {{- pivot_one('rate', 'round(value, 9)', [
            'raw_open_rate', 'confirmed_open_rate', 'corrected_open_rate', 'click_rate',
            'click_to_open_rate', 'click_to_confirmed_open_rate', 'bounce_rate',
            'unsubscribe_rate', 'complaint_rate',
        ]) }}
    from {{ ref('int_post_rates') }}
    where platform = 'email' and owner = 'own'
    group by workspace_id, platform, account_id, post_id
),

aged as (
    select workspace_id, platform, account_id, post_id, metric, age_hours, value, basis
    from {{ ref('int_post_metrics_at_age') }}
    where platform = 'email' and age_hours in (24, 72)
),

aged_counts as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {%- for age in [24, 72] %}
        {%- for name in ['opens', 'confirmed_opens', 'unique_clicks'] %}
        max(case when age_hours = {{ age }} and metric = '{{ name }}' then value end) as {{ name }}_{{ age }}h,
        {%- endfor %}
        max(case when age_hours = {{ age }} and metric = 'opens' then basis end) as opens_{{ age }}h_basis,
        max(case when age_hours = {{ age }} and metric = 'unique_clicks' then basis end) as unique_clicks_{{ age }}h_basis
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from aged
    group by workspace_id, platform, account_id, post_id
),

aged_parts as (
    -- both parts of a rate at the same age
    select
        numerators.workspace_id,
        numerators.platform,
        numerators.account_id,
        numerators.post_id,
        numerators.age_hours,
        rates.rate,
        case
            when
                rates.part_of_whole is not true
                or (numerators.value >= 0 and numerators.value <= denominators.value)
                then round({{ ratio('numerators.value', 'denominators.value') }}, 9)
        end as value
    from aged as numerators
    inner join {{ ref('rates') }} as rates
        on numerators.metric = rates.numerator and numerators.platform = rates.platform
    inner join aged as denominators
        on
            numerators.workspace_id = denominators.workspace_id
            and numerators.account_id = denominators.account_id
            and numerators.post_id = denominators.post_id
            and numerators.age_hours = denominators.age_hours
            and rates.denominator = denominators.metric
),

aged_rates as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {%- for age in [24, 72] %}
        {%- for name in ['raw_open_rate', 'confirmed_open_rate', 'click_rate'] %}
        max(case when age_hours = {{ age }} and rate = '{{ name }}' then value end) as {{ name }}_{{ age }}h
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from aged_parts
    group by workspace_id, platform, account_id, post_id
),

readings as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        max(case when state = 'observed' then observed_at end) as last_read_at
    from {{ ref('int_post_metrics') }}
    where platform = 'email' and owner = 'own'
    group by workspace_id, platform, account_id, post_id
)

select
    campaigns.workspace_id,
    campaigns.platform,
    campaigns.account_id,
    campaigns.account_name,
    campaigns.post_id,
    campaigns.title,
    campaigns.url,
    campaigns.topic,
    campaigns.published_at,
    campaigns.published_date,
    readings.last_read_at,
    counts.emails_sent,
    counts.bounces,
    counts.delivered,
    counts.emails_delivered,
    counts.opens,
    counts.machine_opens,
    counts.confirmed_opens,
    counts.clicks,
    counts.unique_clicks,
    counts.unsubscribes,
    counts.spam_complaints,
    counts.forwards,
    rates.raw_open_rate,
    rates.confirmed_open_rate,
    rates.corrected_open_rate,
    rates.click_rate,
    rates.click_to_open_rate,
    rates.click_to_confirmed_open_rate,
    rates.bounce_rate,
    rates.unsubscribe_rate,
    rates.complaint_rate,
    aged_counts.opens_24h,
    aged_counts.opens_24h_basis,
    aged_counts.confirmed_opens_24h,
    aged_counts.unique_clicks_24h,
    aged_counts.unique_clicks_24h_basis,
    aged_rates.raw_open_rate_24h,
    aged_rates.confirmed_open_rate_24h,
    aged_rates.click_rate_24h,
    aged_counts.opens_72h,
    aged_counts.opens_72h_basis,
    aged_counts.confirmed_opens_72h,
    aged_counts.unique_clicks_72h,
    aged_counts.unique_clicks_72h_basis,
    aged_rates.raw_open_rate_72h,
    aged_rates.confirmed_open_rate_72h,
    aged_rates.click_rate_72h
from campaigns
left join readings
    on
        campaigns.workspace_id = readings.workspace_id
        and campaigns.platform = readings.platform
        and campaigns.account_id = readings.account_id
        and campaigns.post_id = readings.post_id
left join counts
    on
        campaigns.workspace_id = counts.workspace_id
        and campaigns.platform = counts.platform
        and campaigns.account_id = counts.account_id
        and campaigns.post_id = counts.post_id
left join rates
    on
        campaigns.workspace_id = rates.workspace_id
        and campaigns.platform = rates.platform
        and campaigns.account_id = rates.account_id
        and campaigns.post_id = rates.post_id
left join aged_counts
    on
        campaigns.workspace_id = aged_counts.workspace_id
        and campaigns.platform = aged_counts.platform
        and campaigns.account_id = aged_counts.account_id
        and campaigns.post_id = aged_counts.post_id
left join aged_rates
    on
        campaigns.workspace_id = aged_rates.workspace_id
        and campaigns.platform = aged_rates.platform
        and campaigns.account_id = aged_rates.account_id
        and campaigns.post_id = aged_rates.post_id
