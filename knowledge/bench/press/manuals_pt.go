package press

// portuguese are the manuals in Portuguese. They are called by Manuals.
func portuguese() []Manual { return []Manual{calendarManual(), resourceManual(), gatewayManual()} }

// Manuals are all the manuals of the corpus.
func Manuals() []Manual { return append(english(), portuguese()...) }

func calendarManual() Manual {
	return Manual{
		Document: "zikra/mensagens-calendario.md", Title: "Zikra Planner: mensagens de calendário e datas", Language: "pt", Prefix: "ZKCAL", Layout: headings, first: 400,
		Intro: "O módulo de datas decide em que dias e horas cada malha entra no plano. As mensagens abaixo aparecem no arquivo datas.log e na tela de quem gerou o plano. " +
			"A última letra do código é a gravidade: E interrompe o pedido, W avisa e continua, I apenas informa.",
		Subjects: []subject{
			{"calendário", "Calendários", "na biblioteca de calendários", "diasFuturos", "as malhas que contam dias úteis saem sem ele"},
			{"feriado", "Feriados", "na lista nacional ou na da praça", "listaFeriados", "o processamento roda em dia sem expediente"},
			{"ciclo de execução", "Ciclos de execução", "na guia de agenda da malha", "limiteCiclos", "a malha não é gerada nos dias do ciclo"},
			{"horário de corte", "Horários de corte", "na definição da malha", "horaCorte", "o movimento do dia entra com a data errada"},
			{"fuso horário", "Fusos horários", "na definição da estação", "fusoPadrao", "os jobs partem uma hora antes ou depois"},
			{"período de lote", "Períodos de lote", "no painel de períodos", "inicioLote", "a carga noturna disputa a máquina com os usuários"},
		},
		Faults: []fault{
			{"E", "O $s \"nome\" não foi encontrado.", "Uma definição cita o $s pelo nome e não existe objeto com esse nome $w. Ele foi renomeado ou excluído depois que a referência foi escrita.",
				"O plano é gerado sem o objeto; $d.", "Procure $w um nome parecido, corrija a referência e gere o plano outra vez. Se foi excluído por engano, recupere do último backup das definições."},
			{"W", "O $s vence em $n dias.", "A última data cadastrada está próxima. Depois dela o programa não tem como saber que dias valem.",
				"Nada muda até o vencimento. A partir dele $d.", "Cadastre as datas do próximo ano. O parâmetro $p diz até onde o programa olha para a frente."},
			{"E", "O $s está em uso por outra pessoa.", "Alguém abriu o $s para alteração há $n minutos e ainda não gravou. O bloqueio permanece quando o navegador é fechado sem sair do sistema.",
				"A sua alteração fica guardada como rascunho.", "Fale com a pessoa indicada na mensagem. Se ela não estiver, peça ao administrador que libere com 'zkadm unlock'."},
			{"E", "O $s contradiz outro da mesma malha.", "Duas regras incluem e excluem a mesma data, $n vezes neste mês, e têm a mesma prioridade.",
				"A exclusão vence; $d.", "Dê prioridades diferentes às duas regras, ou apague a que foi copiada de outra malha."},
			{"W", "O $s foi alterado depois da geração do plano.", "O que está rodando hoje é a versão antiga, embora a tela mostre a nova. Faltavam $n minutos para a virada quando foi gravado.",
				"O plano do dia não é tocado.", "Se a mudança pode esperar, não faça nada. Se não pode, submeta a malha manualmente depois de conferir o que mais partiria."},
			{"E", "Sem permissão para alterar o $s.", "O seu perfil permite consultar e não permite alterar. Uma permissão dada há menos de $n minutos só vale depois de entrar novamente.",
				"Nada é alterado.", "Peça a permissão ao dono da pasta, saia do sistema, entre de novo e repita a alteração."},
		},
	}
}

func resourceManual() Manual {
	return Manual{
		Document: "zikra/mensagens-recursos.md", Title: "Zikra Planner: mensagens de recursos e filas", Language: "pt", Prefix: "ZKRES", Layout: table, first: 500,
		Intro: "Recursos e filas limitam quantos jobs rodam ao mesmo tempo. As mensagens ficam em recursos.log na máquina do gerente. " +
			"Quando um job fica esperando sem dependência aberta, procure aqui antes de procurar na rede.",
		Subjects: []subject{
			{"recurso", "Recursos", "na definição da estação", "unidades", "os jobs que pedem unidades ficam esperando"},
			{"fila de submissão", "Filas", "no painel de filas", "limiteFila", "nenhum job novo é enviado ao agente"},
			{"cota do setor", "Cotas", "na tabela de cotas", "cotaSetor", "os jobs daquele setor vão para o fim da fila"},
			{"semáforo", "Semáforos", "na lista de semáforos", "semaforoTempo", "dois processos que não podem coincidir rodam juntos"},
			{"reserva de máquina", "Reservas", "na agenda do ambiente", "reservaHoras", "a máquina fica parada para quem não veio"},
			{"licença de agente", "Licenças", "no servidor de licenças", "licencas", "agentes novos não são aceitos"},
		},
		Faults: []fault{
			{"W", "Todas as unidades de $s estão ocupadas.", "Há mais pedidos do que unidades. Um job que terminou com erro pode ter ficado com a sua parte.", "O pedido espera até $n minutos; depois disso $d.", "Veja quem está com as unidades e se ainda trabalha. Não aumente o total sem falar com o dono do sistema."},
			{"E", "O pedido de $s é maior do que o total.", "O job pede mais do que $p oferece, portanto nunca será atendido.", "O job fica em espera e a mensagem se repete a cada $n minutos.", "Corrija a quantidade na definição do job ou aumente o total $w."},
			{"W", "A posse de $s terminou por tempo esgotado.", "Quem estava com a posse não deu sinal por $n minutos e foi considerado perdido.", "A posse passa ao próximo da espera.", "Confirme se o processo anterior morreu mesmo: se não morreu, $d."},
			{"E", "O contador de $s ficou negativo.", "Houve mais devoluções do que retiradas; em geral alguém devolveu à mão durante uma falha.", "O valor é posto em zero; por $n minutos nada é entregue.", "Compare com a lista de jobs em execução e ajuste o contador $w."},
			{"W", "O uso de $s foi suspenso por um operador.", "Uma pessoa suspendeu pela tela e não deixou prazo; o nome está na auditoria.", "Enquanto durar, $d. O aviso volta a cada $n minutos.", "Pergunte a quem suspendeu. Retome pela mesma tela quando o motivo tiver passado."},
		},
	}
}

func gatewayManual() Manual {
	return Manual{
		Document: "zikra/mensagens-ponte.md", Title: "Ponte Zikra: mensagens da transferência de arquivos", Language: "pt", Prefix: "AWSQZV", Layout: bold, first: 30,
		Intro: "A ponte leva arquivos entre o agendador e os parceiros. As mensagens aparecem no log do job de transferência, na forma que o outro agendador espera.",
		Subjects: []subject{
			{"arquivo de entrada", "Arquivos de entrada", "na pasta de chegada", "pastaEntrada", "o processamento do dia não começa"},
			{"arquivo de retorno", "Arquivos de retorno", "na pasta de saída", "pastaSaida", "o parceiro não recebe a resposta"},
			{"arquivo de controle", "Arquivos de controle", "ao lado do arquivo de dados", "sufixoControle", "não se sabe se o arquivo chegou inteiro"},
			{"certificado do parceiro", "Certificados", "no cofre de certificados", "certParceiro", "a conexão com o parceiro é recusada"},
			{"lote de remessa", "Lotes de remessa", "na fila de remessas", "loteMaximo", "os títulos do lote vencem sem registro"},
		},
		Faults: []fault{
			{"E", "O $s não chegou até o horário limite.", "Passados $n minutos do combinado, nada apareceu $w. O parceiro pode ter enviado com outro nome ou para outra pasta.",
				"O job de espera termina com erro; $d.", "Procure o nome do dia anterior e compare. Ligue para o parceiro antes de criar um arquivo vazio."},
			{"E", "O $s chegou com tamanho diferente do anunciado.", "Faltam ou sobram $n registros em relação ao total informado. A transferência caiu no meio ou o arquivo foi gravado duas vezes.",
				"O arquivo vai para a quarentena e $d.", "Peça o reenvio. Não edite o arquivo para acertar o total."},
			{"E", "O $s já foi processado.", "O número de sequência é o mesmo de uma carga feita há $n dias. Um reenvio com o mesmo número costuma ser engano do parceiro.",
				"O arquivo não é carregado outra vez.", "Confirme com o parceiro se há dados novos. Se houver, peça um número novo."},
			{"W", "O $s está com acentuação em outra codificação.", "Há $n caracteres que não pertencem à codificação combinada.", "Os caracteres são trocados por ponto de interrogação.", "Avise o parceiro. Corrija a codificação no cadastro só se ele confirmar a mudança."},
			{"E", "Acesso negado ao $s.", "A conta da ponte não tem direito $w, ou a senha venceu há $n dias.", "Não há nova tentativa; $d.", "Confira dono e permissões com um dia em que funcionou. Renove a senha no cadastro da ponte."},
		},
	}
}
